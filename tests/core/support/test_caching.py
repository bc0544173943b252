"""The cache of arrays: what it drops, and what it says of itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.exr import reader
from core.support import caching
from core.support.caching import ArrayCache


def array(nbytes: int) -> np.ndarray:
    return np.zeros(nbytes, np.uint8)


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch) -> ArrayCache:
    monkeypatch.setattr(caching, "CACHES", [])
    return ArrayCache("Test arrays", limit=100)


def stored(cache: ArrayCache, keys: str) -> str:
    return "".join(key for key in keys if cache.get(key) is not None)


def test_what_was_used_longest_ago_is_dropped(cache: ArrayCache) -> None:
    for key in "abc":
        cache.put(key, array(40))
        cache.get("a")
    assert stored(cache, "abc") == "ac"
    cache.put("a", array(50))
    cache.put("d", array(50))
    assert stored(cache, "abcd") == "ad"
    assert cache.nbytes == 100


def test_an_array_larger_than_the_limit_is_not_stored(cache: ArrayCache) -> None:
    cache.put("small", array(40))
    cache.put("large", array(101))
    assert cache.get("large") is None
    assert cache.nbytes == 40


def test_removing_and_clearing(cache: ArrayCache) -> None:
    for key in (("one", 1), ("one", 2), ("two", 1)):
        cache.put(key, array(20))
    cache.remove(lambda key: key[0] == "one")
    assert cache.get(("one", 2)) is None
    assert cache.nbytes == 20
    cache.clear()
    assert cache.nbytes == 0


def test_threads_share_it(cache: ArrayCache) -> None:
    def work(number: int) -> None:
        for turn in range(500):
            key = (number + turn) % 7
            cache.put(key, array(30))
            found = cache.get(key)
            assert found is None or found.nbytes == 30
            cache.remove(lambda other: other == 3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert cache.nbytes <= 100


def test_every_cache_is_listed_with_its_name(cache: ArrayCache) -> None:
    other = ArrayCache("Other arrays", limit=1)
    assert len(caching.CACHES) == 2
    assert [each.name for each in caching.CACHES] == [cache.name, other.name]


def test_the_layers_that_were_read_are_in_a_listed_cache() -> None:
    (layers,) = [each for each in caching.CACHES if each.name == "Decoded EXR layers"]
    assert layers.limit == reader.CACHE_BYTES

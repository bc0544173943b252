"""One job, two drivers: at once from scripts, in time slices from the interface."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import bpy

from ..core.errors import DepthError

PATIENCE = 0.3
"""Seconds that a job may keep the interface waiting before it shows progress instead."""


Answer = TypeVar("Answer")


class JobCancelledError(Exception):
    """The user ended the job, for instance with ESC in the render window."""


class Step(Protocol):
    """One slow part of a job; `fraction` is how much of the job is done when it begins."""

    text: str
    fraction: float
    needs_events: bool

    def run(self) -> None:
        """Do the work now."""

    def start(self) -> None:
        """Start the work, and return while it is done, so that the interface stays responsive."""

    def done(self) -> bool:
        """Whether the work that was started has ended."""

    def finish(self) -> None:
        """Raise the error that ended the work, if any; called when `done`."""

    def stop(self) -> None:
        """Clean up; called when the job ends with this step, whether the step is done or not."""


class ThreadStep:
    """A step that uses no data of Blender, and may therefore run in a thread.

    The thread of a job that is canceled ends by itself: at the next call of `advance`, or when its
    work is done.
    """

    needs_events = False

    def __init__(self, text: str, fraction: float, work: Callable[[], Any]) -> None:
        self.text = text
        self.fraction = fraction
        self._work = work
        self._future: Future[None]
        self._result: Any = None
        self._is_stopped = False

    def run(self) -> None:
        """Do the work now."""
        self._result = self._work()

    def start(self) -> None:
        """Do the work in a thread."""
        pool = ThreadPoolExecutor(1)
        self._future = pool.submit(self.run)
        pool.shutdown(wait=False)

    def done(self) -> bool:
        """Whether the thread has ended."""
        return self._future.done()

    def finish(self) -> None:
        """Raise the error of the thread, if any."""
        self._future.result()

    def stop(self) -> None:
        """Let the thread end at its next call of `advance`."""
        self._is_stopped = True

    def advance(self, text: str, fraction: float) -> None:
        """Set the text and progress; the work calls this before each part of it.

        Raises
        ------
        JobCancelledError
            The job was canceled.
        """
        if self._is_stopped:
            raise JobCancelledError("Cancelled; nothing was changed")
        self.text, self.fraction = text, fraction

    @property
    def result(self) -> Any:
        """What the work returned, until `take` is called."""
        return self._result

    def take(self) -> Any:
        """Return the result, and keep no reference to it, so that the caller can free it."""
        result, self._result = self._result, None
        return result


class AskingStep(ThreadStep):
    """A step in a thread that asks the main thread to call functions that use Blender.

    The main thread calls them one at a time, in slices that are too short to notice.
    """

    _SLICE = 0.03
    """Seconds that the calls may take in each tick of the interface."""

    def __init__(self, text: str, fraction: float, work: Callable[[AskingStep], Any]) -> None:
        super().__init__(text, fraction, lambda: work(self))
        self._asked: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()

    def ask(self, work: Callable[[], Answer]) -> Answer:
        """Have the main thread call a function, and return its result.

        Raises
        ------
        JobCancelledError
            The job was canceled.
        """
        if threading.current_thread() is threading.main_thread():
            return work()
        answer: Future[Answer] = Future()
        self._asked.put((work, answer))
        while True:
            self.advance(self.text, self.fraction)
            with contextlib.suppress(TimeoutError):
                return answer.result(timeout=0.1)

    def done(self) -> bool:
        """Call the functions that were asked for, and return whether the thread has ended."""
        deadline = time.monotonic() + self._SLICE
        while not super().done() and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                work, answer = self._asked.get(timeout=0.002)
                try:
                    answer.set_result(work())
                except BaseException as error:
                    answer.set_exception(error)
        return super().done()


Job = Generator[Step, None, None]
"""Yields steps, and continues when each is done; across a yield, it keeps no Blender data that the
user could remove meanwhile."""


class JobOperator:
    """Base of operators whose `job(context)` is driven by `execute` or by `invoke` and `modal`."""

    def job(self, context: bpy.types.Context) -> Job:
        """The work; raises `DepthError` before it has changed anything."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Run the whole job before returning."""
        job = self.job(context)
        return self._guard(lambda: self._run(job))

    @staticmethod
    def _run(job: Job) -> set[str]:
        with contextlib.closing(job):
            for step in job:
                step.run()
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Run the job in slices if it takes longer than `PATIENCE`."""
        if context.window is None:
            return self.execute(context)
        self._job = self.job(context)
        self._step: Step | None = None
        self._timer: bpy.types.Timer | None = None
        status = self._slice(context, PATIENCE)
        if status == {"RUNNING_MODAL"}:
            manager = context.window_manager
            self._timer = manager.event_timer_add(0.03, window=context.window)
            manager.progress_begin(0, 100)
            manager.modal_handler_add(self)  # type: ignore[arg-type]  # self is an Operator too
            self._show_progress(context)
        return status

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Advance the job at each tick; ESC cancels it."""
        if event.type == "TIMER":
            status = self._slice(context, 0.0)
            if status != {"RUNNING_MODAL"}:
                return status
            self._show_progress(context)
        if self._step is not None and self._step.needs_events:
            return {"PASS_THROUGH"}
        if event.type != "ESC":
            return {"RUNNING_MODAL"}
        self._end(context)
        self.report({"INFO"}, "Cancelled; nothing was changed")
        return {"CANCELLED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """End the job if Blender ends the operator, for instance because the window is closed."""
        self._end(context)

    def _slice(self, context: bpy.types.Context, seconds: float) -> set[str]:
        """Advance the job for some seconds, and clean up if it ended in any way."""
        status = {"CANCELLED"}
        try:
            status = self._guard(lambda: self._advance(context, time.monotonic() + seconds))
        finally:
            if status != {"RUNNING_MODAL"}:
                self._end(context)
        return status

    def _advance(self, context: bpy.types.Context, deadline: float) -> set[str]:
        """Run step after step until the deadline."""
        while True:
            if self._step is not None:
                while not self._step.done():
                    if time.monotonic() >= deadline:
                        return {"RUNNING_MODAL"}
                    time.sleep(0.002)
                self._step.finish()
            step = next(self._job, None)
            if step is None:
                return {"FINISHED"}
            self._step = step
            step.start()

    def _show_progress(self, context: bpy.types.Context) -> None:
        if self._timer is not None and self._step is not None:
            text = f"{self._step.text}   {self._step.fraction:.0%}   (ESC to cancel)"
            context.workspace.status_text_set(text)
            context.window_manager.progress_update(int(100 * self._step.fraction))

    def _end(self, context: bpy.types.Context) -> None:
        if self._step is not None:
            self._step.stop()
        self._job.close()
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            context.window_manager.progress_end()
            context.workspace.status_text_set(None)
            self._timer = None

    def _guard(self, work: Callable[[], set[str]]) -> set[str]:
        """Turn the errors that are meant for the user into reports."""
        try:
            return work()
        except DepthError as error:
            self.report({"ERROR"}, str(error))
        except JobCancelledError as error:
            self.report({"INFO"}, str(error))
        return {"CANCELLED"}

#!/bin/sh
# Runs inside the Debian folder: a screen, the zip installed as a user would, and one scenario.
# Arguments: the zip, the scenario's file, the folder for its results.
set -eu
zip=$1 scenario=$2 results=$3
export DISPLAY=:0 LIBGL_ALWAYS_SOFTWARE=1 HOME=/root LC_ALL=C.UTF-8

Xvfb "$DISPLAY" -screen 0 1600x1000x24 -nolisten tcp >/dev/null 2>&1 &
tries=0
until [ -S /tmp/.X11-unix/X0 ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "Xvfb did not start"; exit 1; }
    sleep 0.1
done

blender --command extension install-file --repo user_default --enable "$zip"
blender --enable-event-simulate --window-geometry 0 0 1600 1000 --python-exit-code 1 \
    --python "$(dirname "$0")/driver.py" -- "$scenario" "$results"

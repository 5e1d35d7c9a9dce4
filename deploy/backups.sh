#!/bin/sh
# For compose.yaml, what bmis-backup.timer and bmis-backup-images.timer do: a backup each night (and at once where there is
# none), checked, and new images every five minutes. What fails is said by the command itself and tried again.
set -u
trap 'exit 0' TERM INT
while :; do
    newest=$(ls "$BACKUP_DIR" 2>/dev/null | sed -n 's/^\([0-9]\{8\}\)T[0-9]\{6\}Z$/\1/p' | tail -n 1)
    # a night begins at two o'clock, UTC
    if [ "${newest:-0}" -lt "$(date -u -d '-2 hours' +%Y%m%d)" ]; then
        .venv/bin/python manage.py backup && .venv/bin/python manage.py check_backup
    else
        .venv/bin/python manage.py backup --images-only
    fi
    sleep "${1:-300}" &
    wait $!
done

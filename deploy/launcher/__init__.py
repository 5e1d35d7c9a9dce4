"""Start the whole system from one checkout with nothing installed beside Python: servers, workers, web.

`python -m deploy.launcher run` is what `make run` calls. Nothing here imports Django: settings are read by
the processes that are started, from the environment that is made here.
"""

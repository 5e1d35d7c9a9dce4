"""Galleries at scale: search, batches, memory, cold start, enrolment, rebuild; and the outside indexes beside the exact one.

    python -m tests.bench gallery [--templates 1000000] [--enrolled 20000] [--indexed 10000] [--seed 2026]

Random unit vectors of 128 numbers: the hard case for an approximate index, and no difference to the exact one. Starts a
PostgreSQL of its own. Processor time of one thread, medians; wall time where it says so. It prints, nothing passes or fails.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.launcher.postgres import PostgresServer


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench gallery",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--templates", type=int, default=1_000_000, help="in the sealed file")
    parser.add_argument("--enrolled", type=int, default=20_000, help="through the service, with rows")
    parser.add_argument(
        "--indexed", type=int, default=10_000, help="in pgvector and Milvus Lite; 0: leave them out"
    )
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bmis-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the unprivileged account of the server passes through it
        server = PostgresServer(folder, folder / "postgres.log")
        server.start()
        try:
            environment = os.environ | {
                "DEPLOYMENT": "test",
                "DATABASE_URL": server.url,
                "BMIS_DATA_DIR": str(folder),
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "LOG_LEVEL": "WARNING",
            }
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=environment, check=True
            )
            given = [str(v) for v in (options.templates, options.enrolled, options.indexed, options.seed)]
            subprocess.run(
                [sys.executable, "-m", "tests.bench.gallery_run", *given], env=environment, check=True
            )
        finally:
            server.stop()

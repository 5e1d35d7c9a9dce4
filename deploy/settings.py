"""All settings, read from the environment here and nowhere else. deploy/env.example lists the variables."""

import hashlib
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import environ
import structlog
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from audit.core.logs import drop_error_texts, drop_foreign_values
from deploy.launcher.places import gallery_folder

BASE_DIR = Path(__file__).resolve().parent.parent
# VARIABLE_FILE names a file that holds the value: secrets come as files (systemd credentials, secrets of containers)
env = environ.FileAwareEnv()

DEPLOYMENT = env.str("DEPLOYMENT", default="demo")
if DEPLOYMENT not in ("demo", "test", "production"):
    raise ImproperlyConfigured("DEPLOYMENT must be demo, test or production")
PRODUCTION = DEPLOYMENT == "production"

BMIS_DATA_DIR = Path(env.str("BMIS_DATA_DIR", default=str(BASE_DIR / ".data")))
NETWORK_DIR = Path(env.str("NETWORK_DIR", default=str(BASE_DIR / ".cache" / "networks")))
IMAGE_STORE_DIR = BMIS_DATA_DIR / "images"
# the seals of the audit trail: who signs, with what, and where heads are kept outside the database
AUDIT_ORIGIN = env.str("AUDIT_ORIGIN", default="bmis.invalid/audit")
AUDIT_KEY_FILE = Path(
    env.str("AUDIT_KEY_FILE", default="" if PRODUCTION else str(BMIS_DATA_DIR / "audit-key"))
)
AUDIT_HEADS_DIR = Path(env.str("AUDIT_HEADS_DIR", default=str(BMIS_DATA_DIR / "audit-heads")))
# keys lie outside the database: docs/data-protection.md. Production has no default, and starts without none of them
if PRODUCTION:
    MASTER_KEY_FILE = Path(env.str("MASTER_KEY_FILE"))
    KEY_STORE_FILE = Path(env.str("KEY_STORE_FILE"))
    GALLERY_DIR = Path(env.str("GALLERY_DIR"))
else:
    MASTER_KEY_FILE = Path(env.str("MASTER_KEY_FILE", default=str(BMIS_DATA_DIR / "keys" / "master-keys")))
    KEY_STORE_FILE = Path(env.str("KEY_STORE_FILE", default=str(BMIS_DATA_DIR / "keys" / "subject-keys")))
    own = gallery_folder(BMIS_DATA_DIR) if DEPLOYMENT == "demo" else BMIS_DATA_DIR / "galleries"
    GALLERY_DIR = Path(env.str("GALLERY_DIR", default=str(own)))
KEY_STORE_COPIES = [Path(p) for p in env.list("KEY_STORE_COPIES", default=[])]
ERASURE_REGISTER_FILE = Path(
    env.str("ERASURE_REGISTER_FILE", default=str(KEY_STORE_FILE.parent / "erasures.jsonl"))
)
# vectors in the clear on a disk: only where that disk is encrypted, and somebody says so
GALLERY_DISK_ENCRYPTED = env.bool("GALLERY_DISK_ENCRYPTED", default=False)
EXPORT_DIR = Path(env.str("EXPORT_DIR", default=str(BMIS_DATA_DIR / "exports")))
# where it is entered that data of travellers were given to somebody
DISCLOSURE_REGISTER = "borders.services.custody.enter_disclosure"
# backups: one folder each, and the archive of PostgreSQL's write-ahead log between them
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(BMIS_DATA_DIR / "backups")))
WAL_ARCHIVE_DIR = Path(env.str("WAL_ARCHIVE_DIR", default=str(BMIS_DATA_DIR / "wal-archive")))
BACKUPS_KEPT = env.int("BACKUPS_KEPT", default=2)
BACKUP_AFTER = env.str("BACKUP_AFTER", default="")  # a command that takes the new folder away, encrypted
POSTGRES_BIN_DIR = env.str("POSTGRES_BIN_DIR", default="")  # default: the embedded server's programs

if PRODUCTION:
    SECRET_KEY = env.str("SECRET_KEY").strip()
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
else:
    # of this checkout only; production has no default
    SECRET_KEY = env.str("SECRET_KEY", default=hashlib.sha256(f"demo {BASE_DIR}".encode()).hexdigest())
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "testserver"])
DEBUG = False

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "audit",
    "biometrics",
    "travelers",
    "watchlists",
    "borders",
]

MIDDLEWARE = [
    "audit.api.observing.ObservingMiddleware",
    # a booth may hang on 128 kbit/s; against BREACH each answer gets a random length and each form its own token
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "borders.api.pressure.PressureMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "borders.api.headers.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "borders.console.uploads.InMemoryUploadsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "borders.api.middleware.ActorMiddleware",
    "borders.api.desk.DeskMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "deploy.urls"
WSGI_APPLICATION = "deploy.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# a command that needs no database must run without one, so an unset address fails on the first connection only
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql://127.0.0.1:1/unset")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    # the statements of every screening are planned once a connection; 0 behind a pooler that hands on transactions. Their plan
    # is that for any values: PostgreSQL planned one of them anew each time, for more than it takes to run
    # bmis.scope: what the row policies call a process of the system; a person's look narrows it (borders/services/row_guard.py)
    "OPTIONS": {
        "connect_timeout": 5,
        # of the address: sslmode and the files of its certificates
        **DATABASES["default"].get("OPTIONS", {}),
        # what is given here replaces PGOPTIONS in libpq, by which migrations bound their waits for locks
        "options": f"-c bmis.scope=all -c plan_cache_mode=force_generic_plan {env.str('PGOPTIONS', default='')}".rstrip(),
        "prepare_threshold": env.int("DATABASE_PREPARE_AFTER", default=2) or None,
    },
}
DATABASE_READER_ROLE = env.str("DATABASE_READER_ROLE", default="bmis_reader")
DATABASE_APPLICATION_ROLE = env.str("DATABASE_APPLICATION_ROLE", default="bmis_app")
DATABASE_ERASER_ROLE = env.str("DATABASE_ERASER_ROLE", default="bmis_eraser")
# a test runs in one transaction, in which a role once refused stays refused; tests/flows run with the guard
ROW_GUARD = env.bool("ROW_GUARD", default=DEPLOYMENT != "test")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if DEPLOYMENT == "test":
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
PASSWORD_RESET_TIMEOUT = 24 * 3600  # of the code by which somebody chooses a password
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# five failures of one name from one address close that pair for a quarter of an hour: never a name everywhere, never a post
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# a password is sometimes typed where the name belongs: a digest is kept
AXES_USERNAME_CALLABLE = "borders.services.throttle.digest_of_name"
AXES_CLIENT_IP_CALLABLE = "borders.services.throttle.address_of"
AXES_SENSITIVE_PARAMETERS = ["username", "password"]
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# the second factor of people at a desk; who has one is asked for it in a demo too
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=PRODUCTION)
# terminals of booths sign in with keys of their own; a demo's booths need none
REQUIRE_DEVICES = env.bool("REQUIRE_DEVICES", default=PRODUCTION)
STEP_UP_S = 300
DESK_IDLE_S = 15 * 60
OTP_TOTP_ISSUER = "Border management"

LANGUAGE_CODE = "en"
# of the booth console; the admin and the API speak English
LANGUAGES = [("en", "English"), ("fr", "Français"), ("es", "Español"), ("pt", "Português"), ("ar", "العربية")]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
# what `collectstatic` gathers, and production serves; elsewhere files are found in their packages
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BMIS_DATA_DIR / "static")))
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False


def keep_static_files(headers: dict[str, str], path: str, url: str) -> None:
    """Let a booth load the files of its console once: the pages name them by their content."""
    if "/console/" in url or "/django_htmx/" in url:
        headers["Cache-Control"] = "max-age=31536000, public, immutable"


WHITENOISE_ADD_HEADERS_FUNCTION = keep_static_files

# what an act tells the person may be a passphrase or a code: never in a cookie, which is signed but open to read
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# who is believed about a client's address, TLS and certificate (borders/api/proxy.py): the proxies, as they reach this server
try:
    TRUSTED_PROXIES = [ip_network(network) for network in env.list("TRUSTED_PROXIES", default=[])]
except ValueError as error:
    raise ImproperlyConfigured(f"TRUSTED_PROXIES must be addresses or networks: {error}") from None
if any(network.prefixlen == 0 for network in TRUSTED_PROXIES):
    raise ImproperlyConfigured("TRUSTED_PROXIES must not be everybody")
# asked by supervisors, balancers and monitoring hosts, which end no TLS; the last asks for a token or for this very host
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)/$"]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = False
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# an inspection brings two images of at most 20 MB each; core.images sets the finer limits
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# of one web process; what is beyond is refused with 503 and Retry-After. Together below the threads of the process
REQUESTS_AT_WORK = env.int("REQUESTS_AT_WORK", default=18)
# of those at work, how many have their turn at a time: more only get in each other's way within one interpreter
REQUESTS_AT_ONCE = env.int("REQUESTS_AT_ONCE", default=3)
REQUESTS_SLEEPING = env.int("REQUESTS_SLEEPING", default=12)
REQUEST_BYTES_AT_WORK = env.int("REQUEST_BYTES_AT_WORK", default=200_000_000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["borders.api.authentication.BoothTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "audit.api.pagination.TimePagination",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "audit.api.problems.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Border management information system",
    "DESCRIPTION": "Inspections, crossings, stays, travellers, documents, watchlists, referrals.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# messages to services and list owners: a reference and a link; in the demo they are files below the data folder
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default="border.invalid")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Border control <noreply@{MAIL_DOMAIN}>")
EMAIL_TIMEOUT = 5
EMAIL_BACKEND, EMAIL_FILE_PATH = (
    "django.core.mail.backends.filebased.EmailBackend",
    str(BMIS_DATA_DIR / "mail"),
)
if PRODUCTION:
    vars().update(env.email_url("EMAIL_URL", default="smtp://127.0.0.1:25"))

# national systems: client credentials alone, no person's consent, no refresh
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 15 * 60,
    "SCOPES_BACKEND_CLASS": "borders.services.partner_scopes.PartnerScopes",
    "ALLOWED_SCHEMES": ["https"],
    "PKCE_REQUIRED": True,
    "OIDC_ENABLED": False,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    # RFC 9700 in full: tokens are kept as digests, and no grant but client credentials is of use here
    **{
        f"COMPLIANT_BCP_RFC9700_{name}": True
        for name in (
            *("IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "PKCE_REQUIRED", "ACCESS_TOKEN_TRANSPORT"),
            *(
                "AUTHZ_RESPONSE_ISS",
                "TOKEN_STORAGE",
                "REFRESH_TOKEN",
                "REDIRECT_URI_SCHEME",
                "REDIRECT_URI_MATCHING",
            ),
        )
    },
}
# a trusted proxy says whose certificate it saw: said here that it does, and drops what the client says of it
TRUST_CLIENT_CERTIFICATE_HEADER = env.bool("TRUST_CLIENT_CERTIFICATE_HEADER", default=False)

BROKER_URL = env.str("BROKER_URL", default="redis://127.0.0.1:1/0").strip()
# sentinel://host:26379;sentinel://host:26379 as BROKER_URL: the name under which the sentinels know the primary
BROKER_MASTER_NAME = env.str("BROKER_MASTER_NAME", default="")
READ_PRINTED_ZONE = env.bool("READ_PRINTED_ZONE", default=True)
FACE_ENGINE = env.str("FACE_ENGINE", default="sface")
FACE_DETECTORS = env.list("FACE_DETECTORS", default=[])  # "package.module:factory"; see docs/galleries.md
GALLERY_BACKEND = env.str("GALLERY_BACKEND", default="exact")  # or pgvector, milvus
GALLERY_SEAL_ROWS = env.int("GALLERY_SEAL_ROWS", default=4096)
MILVUS_URI = env.str("MILVUS_URI", default=str(BMIS_DATA_DIR / "milvus.db"))
BOOTH_DEADLINE_S = env.float("BOOTH_DEADLINE_S", default=5.0)
BOOTH_SESSION_HOURS = 12
BOOTH_IDLE_S = env.float("BOOTH_IDLE_S", default=300.0)
# a web server checks inspections without images itself, beside its requests: a worker's queue costs more than these checks
CHECK_IN_WEB = env.bool("CHECK_IN_WEB", default=DEPLOYMENT != "test")
# the requests of a web server take turns on its connections, instead of one for each of its threads
SHARE_CONNECTIONS = env.bool("SHARE_CONNECTIONS", default=DEPLOYMENT != "test")
MAX_ATTEMPTS = 3
LEASE_S = 15

UNFOLD = {
    "SITE_TITLE": "Border management",
    "SITE_HEADER": "Border management",
    "SITE_SUBHEADER": "Supervisor's desk",
    "SITE_SYMBOL": "travel_explore",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("console/icon.svg")}
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "borders.admin.dashboard.dashboard",
    "SIDEBAR": {
        "navigation": "borders.admin.navigation.navigation",
        "show_search": False,
        "show_all_applications": False,
    },
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.6)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(48.8% .19 262)",
            "700": "oklch(42.4% .18 264)",
            "800": "oklch(37% .15 265)",
            "900": "oklch(32% .12 266)",
            "950": "oklch(25% .09 268)",
        }
    },
}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
METRICS_DIR = env.str(
    "PROMETHEUS_MULTIPROC_DIR", default=""
)  # the name is that of prometheus-client, which reads it too
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
LOG_PROCESSORS = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    drop_error_texts,
    drop_foreign_values,
]
structlog.configure(
    processors=[*LOG_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": LOG_PROCESSORS,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {
        # these tell of every instruction set that was not found, and of every table of a font that is cut to a letter
        "faiss": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        # Django's own handlers would write the address of every refused request beside ours
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "propagate": True},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

"""All settings, read from the environment here and nowhere else. deploy/env.example lists the variables."""

import hashlib
from pathlib import Path

import environ
import structlog
from django.core.exceptions import ImproperlyConfigured

from deploy.launcher.places import gallery_folder

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEPLOYMENT = env.str("DEPLOYMENT", default="demo")
if DEPLOYMENT not in ("demo", "test", "production"):
    raise ImproperlyConfigured("DEPLOYMENT must be demo, test or production")
PRODUCTION = DEPLOYMENT == "production"

BMIS_DATA_DIR = Path(env.str("BMIS_DATA_DIR", default=str(BASE_DIR / ".data")))
NETWORK_DIR = Path(env.str("NETWORK_DIR", default=str(BASE_DIR / ".cache" / "networks")))
IMAGE_STORE_DIR = BMIS_DATA_DIR / "images"
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
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(BMIS_DATA_DIR / "backups")))
EXPORT_DIR = Path(env.str("EXPORT_DIR", default=str(BMIS_DATA_DIR / "exports")))

if PRODUCTION:
    SECRET_KEY = env.str("SECRET_KEY")
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
    "audit",
    "biometrics",
    "travelers",
    "watchlists",
    "borders",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "borders.api.middleware.ActorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
    "OPTIONS": {"connect_timeout": 5},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if DEPLOYMENT == "test":
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"

LANGUAGE_CODE = "en"
# of the booth console; the admin and the API speak English
LANGUAGES = [("en", "English"), ("fr", "Français"), ("es", "Español"), ("pt", "Português"), ("ar", "العربية")]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BMIS_DATA_DIR / "static"
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = False
SESSION_COOKIE_AGE = 12 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
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

BROKER_URL = env.str("BROKER_URL", default="redis://127.0.0.1:1/0")
READ_PRINTED_ZONE = env.bool("READ_PRINTED_ZONE", default=True)
FACE_ENGINE = env.str("FACE_ENGINE", default="sface")
FACE_DETECTORS = env.list("FACE_DETECTORS", default=[])  # "package.module:factory"; see docs/galleries.md
GALLERY_BACKEND = env.str("GALLERY_BACKEND", default="exact")  # or pgvector, milvus
GALLERY_SEAL_ROWS = env.int("GALLERY_SEAL_ROWS", default=4096)
MILVUS_URI = env.str("MILVUS_URI", default=str(BMIS_DATA_DIR / "milvus.db"))
BOOTH_DEADLINE_S = env.float("BOOTH_DEADLINE_S", default=5.0)
BOOTH_SESSION_HOURS = 12
BOOTH_IDLE_S = env.float("BOOTH_IDLE_S", default=300.0)
MAX_ATTEMPTS = 3
LEASE_S = 15

UNFOLD = {
    "SITE_TITLE": "Border management",
    "SITE_HEADER": "Border management",
    "SITE_SUBHEADER": "Supervisor's desk",
    "SITE_SYMBOL": "travel_explore",
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
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "audit.core.log_lines.KindsOnly",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"faiss": {"level": "WARNING"}},  # it tells of every instruction set that it did not find
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

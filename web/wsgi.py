"""The application as any WSGI server loads it: by the settings of the process's environment."""

from __future__ import annotations

import os

from web.serving import Start, application
from web.settings import Settings

app = application(Start.of(Settings.from_env(os.environ)))

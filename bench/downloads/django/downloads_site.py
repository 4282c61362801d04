"""The whole of an application that sends files with django-downloadview: `gunicorn downloads_site:application`."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import path

FILES = Path(os.environ["FILES"])

settings.configure(
    ALLOWED_HOSTS=["*"],
    DEBUG=False,
    INSTALLED_APPS=["django_downloadview"],
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    SECRET_KEY="none is needed",
)

application = get_wsgi_application()

from django_downloadview import PathDownloadView  # noqa: E402  The settings come first.


class Files(PathDownloadView):
    def get_path(self):
        return str(FILES / super().get_path())


urlpatterns = [path("files/<str:path>", Files.as_view())]

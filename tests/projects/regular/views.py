"""One protected view, as a project of its own would write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.response import Response
from rest_framework.views import APIView

if TYPE_CHECKING:
    from rest_framework.request import Request


class WhoAmI(APIView):
    """Answers with the primary key of whoever calls; the project's defaults protect it."""

    def get(self, request: Request) -> Response:
        """The caller's primary key, as a string."""
        return Response({"pk": str(request.user.pk)})

"""What a route asks of its viewer."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from district_reports.users import Permission, Viewer


def viewer_of(request: Request) -> Viewer:
    """The viewer that the gate has let in."""
    viewer: Viewer = request.state.viewer
    return viewer


class Needs:
    """A dependency that refuses viewers without `permission` and passes on those who have it."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Viewer:
        viewer = viewer_of(request)
        if not viewer.may(self.permission):
            raise HTTPException(403)
        return viewer


SeesCity = Annotated[Viewer, Depends(Needs(Permission.SEE_CITY))]
"""The viewer, who may see the figures of the city."""


def require_district(viewer: Viewer, district_code: str) -> None:
    """Refuse a district that the viewer does not see, as if there were none.

    Raises:
        HTTPException: 404, whether or not the district exists.
    """
    if not viewer.sees(district_code):
        raise HTTPException(404)

"""What a route asks of its viewer."""

from fastapi import HTTPException, Request

from district_reports.users import Permission, Viewer


def viewer_of(request: Request) -> Viewer:
    """Whom the gate let in."""
    viewer: Viewer = request.state.viewer
    return viewer


class Needs:
    """The dependency of a route that only those with `permission` may call; it hands on who does."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Viewer:
        viewer = viewer_of(request)
        if not viewer.may(self.permission):
            raise HTTPException(403)
        return viewer


def require_district(viewer: Viewer, district_code: str) -> None:
    """A district that the viewer does not see is as good as none.

    Raises:
        HTTPException: 404, which does not tell whether there is one.
    """
    if not viewer.sees(district_code):
        raise HTTPException(404)

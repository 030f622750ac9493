"""The routes of this page."""

from fastapi import APIRouter

router = APIRouter(prefix="/city")

"""The commands of ``district-reports``, a module each: ``add`` declares it; what it needs it imports when it runs."""

"""Run as a module: start Qt, make an OpenGL context and print its renderer, or fail."""

from __future__ import annotations

import sys


def main() -> None:
    """Print one line, or end with what is wrong."""
    from qtpy.QtGui import QOffscreenSurface, QOpenGLContext
    from qtpy.QtWidgets import QApplication

    application = QApplication([])
    surface, context = QOffscreenSurface(), QOpenGLContext()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        sys.exit(f"Error: Qt's platform {application.platformName()!r} gives no OpenGL context")
    from vispy.gloo import gl  # type: ignore[import-untyped]  # what napari draws with

    renderer, version = (gl.glGetParameter(name) for name in (gl.GL_RENDERER, gl.GL_VERSION))
    sys.stdout.write(f"{renderer}, OpenGL {version}\n")
    context.doneCurrent()


if __name__ == "__main__":
    main()

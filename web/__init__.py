"""HTTP and pictures, nothing else.

``web.app.create_app`` makes the application of its parts, ``web.serving`` the one of a server;
``web.wsgi`` is what servers of others load.
"""

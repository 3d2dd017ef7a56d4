"""Learning Tools Interoperability 1.3 (1EdTech): this installation as a tool of learning platforms.

``launches`` checks what a platform sends, and ``platform_client`` calls a platform's services. ``courses``
adds a platform's persons to events, and ``grades`` sends their grades to the platform. ``deep_linking`` lets
a platform choose an event to link to.
"""

"""Learning Tools Interoperability 1.3 (1EdTech): this installation as a tool of learning platforms.

``launches`` checks what a platform sends, ``platform_client`` calls a platform's services, ``courses`` brings
its persons into events, ``grades`` sends their grades back, ``deep_linking`` offers events to be linked.
"""

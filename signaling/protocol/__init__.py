"""The signaling protocol without sockets, clocks or tasks: it hears, and says what to do.

Five words explain the rest:

- an **endpoint** is one WebSocket, a camera's or a viewer's (a phone's, a browser's);
- a **call** is one viewer and one camera, from `connect` to the end. It lives at the node that
  holds its camera; `call_states.py` is its table, and the place to start reading;
- a **leg** is the viewer's half of a call, at the node that holds the viewer;
- the **switchboard** is one node's whole state. It is told what happened (`heard`, `left`,
  `passed`, …) and answers with **commands** (say this, close that, ask whether);
- an **end** (`camera.py`, `viewer.py`) is the other side of the socket, for agents and tests.

Time is a number of seconds that the caller passes in; ids and chance come from outside too.
"""

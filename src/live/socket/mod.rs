//! WebSocket, guarded.

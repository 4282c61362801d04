//! What leaves is told to have left.

//! What holds behind this server alone.

//! teams-events

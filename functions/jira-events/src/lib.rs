//! jira-events

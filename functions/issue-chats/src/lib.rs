//! issue-chats

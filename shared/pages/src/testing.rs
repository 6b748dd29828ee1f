//! What holds of every page.

/// The page is whole, has one heading of the first rank, and takes nothing from elsewhere.
pub(crate) fn assert_stands_alone(page: &str) {
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\""), "{page}");
    assert!(page.contains("name=\"viewport\"") && page.contains("prefers-color-scheme: dark"));
    assert_eq!(page.matches("<h1").count(), 1, "{page}");
    for foreign in ["<script", "src=", "@import", "url(", "<link", "style=\"", "onclick"] {
        assert!(!page.contains(foreign), "{foreign} in {page}");
    }
}

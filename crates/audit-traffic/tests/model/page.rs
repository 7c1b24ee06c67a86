//! MODEL.md and its generated tables.

use std::path::Path;
use std::sync::Mutex;

/// Lets one test at a time read and write the page.
static PAGE: Mutex<()> = Mutex::new(());

/// Asserts that the page contains a table between its marks, or writes it there if `UPDATE_MODEL` is set.
pub(crate) fn check(mark: &str, table: &str) {
    let _page = PAGE.lock();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("MODEL.md");
    let page = std::fs::read_to_string(&file).unwrap_or_default();
    let (begin, end) = (
        format!("<!-- {mark}: made by a test -->\n"),
        format!("<!-- end of {mark} -->"),
    );
    let parts = page.split_once(&begin).and_then(|(before, rest)| {
        let (inner, after) = rest.split_once(&end)?;
        Some((before, inner, after))
    });
    let Some((before, inner, after)) = parts else {
        panic!("MODEL.md has no marks for {mark}");
    };
    if std::env::var_os("UPDATE_MODEL").is_some() {
        let page = [before, &begin, table, &end, after].concat();
        assert!(std::fs::write(&file, page).is_ok(), "MODEL.md");
        return;
    }
    assert!(
        inner == table,
        "MODEL.md differs from the code in {mark}; run this test with UPDATE_MODEL=1 to update it:\n{table}"
    );
}

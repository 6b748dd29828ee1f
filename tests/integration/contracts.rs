//! Temporary measure.
use crate::support::contracts as load;
#[test]
fn measure() {
    let began = std::time::Instant::now();
    load();
    eprintln!("{:?}", began.elapsed());
}

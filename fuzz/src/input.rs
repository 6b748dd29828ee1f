//! How the bytes of an input are used.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// What stands between the parts of an input: text, so that seeds can be read and written.
const BETWEEN: &[u8] = b"\n--\n";

/// The first parts of an input; those that it does not have are empty.
pub fn parts<const COUNT: usize>(mut input: &[u8]) -> [&[u8]; COUNT] {
    let mut parts = [&input[..0]; COUNT];
    for (number, part) in parts.iter_mut().enumerate() {
        let end = input.windows(BETWEEN.len()).position(|window| window == BETWEEN);
        match end.filter(|_| number + 1 < COUNT) {
            Some(end) => (*part, input) = (&input[..end], &input[end + BETWEEN.len()..]),
            None => (*part, input) = (input, &[]),
        }
    }
    parts
}

/// Bytes as text, whatever they are.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `good` with the changes that `edits` says, three bytes each: what, and where.
pub fn edited(good: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut changed = good.to_vec();
    for edit in edits.chunks_exact(3) {
        let Some(limit) = changed.len().checked_sub(1) else { break };
        let place = usize::from(u16::from_be_bytes([edit[1], edit[2]])) % (limit + 1);
        match edit[0] % 5 {
            0 => changed[place] ^= 1 << (edit[0] / 32),
            1 => changed.truncate(place),
            2 => changed.insert(place, edit[0] / 2),
            3 => drop(changed.remove(place)),
            _ => changed.swap(place, limit),
        }
    }
    changed
}

/// Header and claims, each as they are, as a JSON Web Token with this signature over them.
pub fn jwt(header: &[u8], claims: &[u8], sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let input = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(sign(input.as_bytes()));
    format!("{input}.{signature}")
}

/// Asserts that an error says which check failed, and nothing of what was checked.
pub fn short(error: &(impl std::error::Error + ?Sized)) {
    let shown = format!("{error} {error:?}");
    assert!(shown.len() < 160 && shown.is_ascii(), "{shown}");
}

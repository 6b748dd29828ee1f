//! How large a card may become.

use super::Card;

/// The longest card, in bytes of JSON.
///
/// Teams counts a bot's message in UTF-16, takes about 100 KB, recommends 80 KB and answers 413
/// beyond; earlier 28 KB. Under this limit a message and what is around its card stays below
/// either. <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages>
pub const MAX_BYTES: usize = 27 * 1024;

/// How many entries of a list are tried, from the most to the fewest.
const ATTEMPTS: [usize; 16] = [200, 150, 100, 75, 50, 40, 30, 25, 20, 15, 10, 7, 5, 3, 1, 0];

/// The card with as many entries of its lists as fit: `build` is asked with fewer and fewer.
pub(super) fn fitted(build: impl Fn(usize) -> Card) -> Card {
    let [first, fewer @ ..] = ATTEMPTS;
    let mut card = build(first);
    for entries in fewer {
        if card.bytes() <= MAX_BYTES {
            break;
        }
        card = build(entries);
    }
    card
}

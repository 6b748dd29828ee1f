//! A process that stops at any step loses nobody's grant.

use std::time::Duration;

use tandem_domain::{Failure, GrantState, SignInReason, Subject};

use super::{
    bench::{Bench, STOPS, Stop, microsoft_subject, open, stop_after, subject},
    issuer::LASTS,
};

const AFTER_THE_LEASE: Duration = Duration::from_secs(31);
/// How long the vendor takes, so that a call to it can be stopped too.
const A_MOMENT: Duration = Duration::from_millis(1);

/// A subject for each number.
type Whose = fn(usize) -> Subject;

/// A number for each point at which something is stopped.
fn number_of(stop: Stop, steps: usize) -> usize {
    steps * 2 + usize::from(stop == Stop::Answered)
}

/// A subject for each point at which something is stopped.
fn one_for(stop: Stop, steps: usize) -> Subject {
    subject(number_of(stop, steps))
}

/// Stops a refresh after each step in turn, and then opens the token in another process. Answers
/// at how many points it was stopped, and after how many of them a sign-in was needed.
async fn stop_a_refresh_everywhere(bench: &Bench, stop: Stop, whose: Whose) -> (usize, usize) {
    let mut ended = 0;
    for steps in 1.. {
        let one = whose(number_of(stop, steps));
        bench.sign_in(&one).await;
        bench.clock.advance(LASTS);
        let done = stop_after(steps, stop, open(&bench.vault(), &one)).await;
        if let Some(done) = done {
            assert_eq!(done.unwrap(), "access-2");
            return (steps - 1, ended);
        }
        bench.clock.advance(AFTER_THE_LEASE);
        match open(&bench.vault(), &one).await {
            Ok(token) => assert_eq!(token, bench.issuer.newest(&one), "{stop:?}, {steps} steps"),
            Err(Failure::SignInNeeded { .. }) => {
                assert_answer_was_lost(bench, &one).await;
                ended += 1;
            }
            Err(failure) => panic!("{stop:?}, {steps} steps: {failure}"),
        }
    }
    (0, ended)
}

/// The vendor had answered, and nothing of the answer was put: then it really is the end.
async fn assert_answer_was_lost(bench: &Bench, subject: &Subject) {
    let name = Bench::secret_name(&bench.grant(subject).await);
    let secrets = bench.grant_secrets();
    let secret = secrets.iter().find(|secret| secret.name == name).unwrap();
    assert_eq!(secret.versions.len(), 1);
    assert_eq!(bench.issuer.counts(subject), (2, 1));
}

#[tokio::test]
async fn a_refresh_that_stops_anywhere_loses_no_grant() {
    let vendors: [(bool, &str, Whose); 3] = [
        (false, "Atlassian, strict rotation", subject),
        (true, "Atlassian, with leeway", subject),
        (true, "Microsoft, old tokens stay", microsoft_subject),
    ];
    for (leeway, vendor, whose) in vendors {
        let bench = Bench::start_with(leeway, A_MOMENT).await;
        let (mut points, mut ended) = (0, 0);
        for stop in STOPS {
            let (stopped, lost) = stop_a_refresh_everywhere(&bench, stop, whose).await;
            points += stopped;
            ended += lost;
        }
        eprintln!("refresh, {vendor}: stopped at {points} points, {ended} needed a sign-in");
        assert!(points >= 12, "{points}");
        // What the vendor said to a process that stopped before it could write it down is lost.
        assert!(if leeway { ended == 0 } else { (1..=4).contains(&ended) }, "{ended}");
    }
}

/// A grant that is there either opens, or says that it needs a sign-in: never is one active of which
/// there are no tokens. No secret is without an item.
async fn assert_usable_or_not_there(bench: &Bench, subject: &Subject) {
    let before = bench.store.find_grant(subject).await.unwrap();
    let opened = open(&bench.vault(), subject).await;
    match before.map(|grant| grant.state) {
        Some(GrantState::Active) => assert_eq!(opened.unwrap(), bench.issuer.newest(subject)),
        // What the process that stopped had asked for may still happen now.
        Some(GrantState::NeedsSignIn(SignInReason::ConsentMissing)) | None => assert!(
            matches!(
                opened,
                Ok(_) | Err(Failure::SignInNeeded { .. } | Failure::Absent { what: "grant" })
            ),
            "{opened:?}"
        ),
        Some(state) => panic!("{state:?}"),
    }
    bench.assert_no_stray_secret();
}

#[tokio::test]
async fn a_first_sign_in_that_stops_anywhere_leaves_no_stray_secret() {
    let bench = Bench::start().await;
    let mut signed_in = 0;
    for stop in STOPS {
        for steps in 1.. {
            let one = one_for(stop, steps);
            let tokens = bench.issuer.sign_in(&one);
            let done = stop_after(steps, stop, bench.vault().save(&one, &tokens)).await;
            assert_usable_or_not_there(&bench, &one).await;
            bench.sign_in(&one).await;
            signed_in += 1;
            assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-2");
            assert_eq!(bench.grant_secrets().len(), signed_in, "{stop:?}, {steps} steps");
            if done.is_some() {
                eprintln!("first sign-in, {stop:?}: stopped at {} points", steps - 1);
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_later_sign_in_that_stops_anywhere_leaves_the_old_tokens_or_the_new() {
    let bench = Bench::start().await;
    for stop in STOPS {
        for steps in 1.. {
            let one = one_for(stop, steps);
            bench.sign_in(&one).await;
            let tokens = bench.issuer.sign_in(&one);
            let done = stop_after(steps, stop, bench.vault().save(&one, &tokens)).await;
            let token = open(&bench.vault(), &one).await.unwrap();
            assert!(token == "access-1" || token == "access-2", "{token}, {stop:?}, {steps}");
            assert_eq!(bench.grant(&one).await.state, GrantState::Active);
            if done.is_some() {
                assert_eq!(token, "access-2");
                eprintln!("later sign-in, {stop:?}: stopped at {} points", steps - 1);
                break;
            }
        }
    }
}

#[tokio::test]
async fn after_a_later_sign_in_that_stopped_anywhere_refreshes_go_on() {
    // The old refresh token holds a while longer, so that it can be used where the new is lost.
    let bench = Bench::start_with(true, A_MOMENT).await;
    let mut points = 0;
    for stop in STOPS {
        for steps in 1.. {
            let one = one_for(stop, steps);
            bench.sign_in(&one).await;
            let tokens = bench.issuer.sign_in(&one);
            let done = stop_after(steps, stop, bench.vault().save(&one, &tokens)).await;
            for _ in 0..3 {
                bench.clock.advance(LASTS);
                let token = open(&bench.vault(), &one).await.unwrap();
                assert_eq!(token, bench.issuer.newest(&one), "{stop:?}, {steps} steps");
            }
            if done.is_some() {
                break;
            }
            points += 1;
        }
    }
    eprintln!("refreshes after a later sign-in: it was stopped at {points} points");
    assert!(points >= 8, "{points}");
}

#[tokio::test]
async fn an_erasure_that_stops_anywhere_is_finished_by_the_next() {
    let bench = Bench::start().await;
    for stop in STOPS {
        for steps in 1.. {
            let one = one_for(stop, steps);
            bench.sign_in(&one).await;
            let done = stop_after(steps, stop, bench.vault().erase(&one)).await;
            bench.vault().erase(&one).await.unwrap();
            assert_eq!(bench.store.find_grant(&one).await.unwrap(), None, "{stop:?}, {steps}");
            assert!(bench.grant_secrets().is_empty(), "{stop:?}, {steps} steps");
            if done.is_some() {
                eprintln!("erasure, {stop:?}: stopped at {} points", steps - 1);
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_sign_in_after_an_erasure_that_stopped_finishes_it() {
    let bench = Bench::start().await;
    let mut signed_in = 0;
    for stop in STOPS {
        for steps in 1.. {
            let one = one_for(stop, steps);
            bench.sign_in(&one).await;
            let done = stop_after(steps, stop, bench.vault().erase(&one)).await;
            bench.sign_in(&one).await;
            signed_in += 1;
            assert_eq!(open(&bench.vault(), &one).await.unwrap(), "access-2");
            assert_eq!(bench.grant_secrets().len(), signed_in, "{stop:?}, {steps} steps");
            if done.is_some() {
                break;
            }
        }
    }
}

use concur_checks::engine::{explore::*, lens::*, limits::*, stateright as sr};
use concur_models::kit::{Rung, Values};
use concur_rules::Faithful;
fn main() {
    let what: String = std::env::args().nth(1).unwrap();
    let px = || {
        concur_models::paxos::configs::PaxosRung::model(
            &Values::new(
                concur_models::paxos::configs::PaxosRung::PARAMS,
                &[("acceptors", 3), ("values", 2), ("max_ballot", 2)],
            ),
            Faithful,
        )
        .unwrap()
    };
    for _ in 0..5 {
        let t = std::time::Instant::now();
        let m = px();
        let e = if what.contains('r') {
            explore(
                &m,
                &Rungwise::new(&m, false),
                &Plan::default(),
                &Progress::default(),
            )
        } else {
            explore(&m, &Plain(&m), &Plan::default(), &Progress::default())
        };
        let a = t.elapsed();
        let t = std::time::Instant::now();
        let s = sr::explore(px(), sr::Strategy::Bfs, 1).unwrap();
        println!(
            "paxos ours {:?} sr {:?} ratio {:.2} distinct {} gen {} {}",
            a,
            t.elapsed(),
            t.elapsed().as_secs_f64() / a.as_secs_f64(),
            e.distinct,
            e.generated,
            s.distinct
        );
    }
}

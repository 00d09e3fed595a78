use concur_checks::engine::{explore::*, lens::*, limits::*, stateright as sr};
use concur_models::kit::{Rung, Values};
use concur_rules::Faithful;
fn go<R: Rung>(what: &str, n: usize, settings: &[(&'static str, u32)])
where
    <R::Model<Faithful> as stateright::Model>::State: Sync,
{
    let m = || R::model(&Values::new(R::PARAMS, settings), Faithful).unwrap();
    for _ in 0..n {
        let t = std::time::Instant::now();
        let model = m();
        let plan = Plan {
            threads: if what.contains('2') { 2 } else { 1 },
            ..Plan::default()
        };
        let e = if what.contains('c') {
            explore(
                &model,
                &Rungwise::new(&model, false),
                &plan,
                &Progress::default(),
            )
        } else {
            explore(&model, &Plain(&model), &plan, &Progress::default())
        };
        let a = t.elapsed();
        let t = std::time::Instant::now();
        let s = if what.contains('s') {
            sr::explore(m(), sr::Strategy::Bfs, 1).unwrap().distinct
        } else {
            0
        };
        println!(
            "{} ours {:?} sr {:?} ratio {:.2} distinct {} gen {} {}",
            R::NAME,
            a,
            t.elapsed(),
            t.elapsed().as_secs_f64() / a.as_secs_f64(),
            e.distinct,
            e.generated,
            s
        );
    }
}
fn main() {
    let what: String = std::env::args().nth(1).unwrap();
    if what.contains('p') {
        go::<concur_models::paxos::configs::PaxosRung>(
            &what,
            5,
            &[("acceptors", 3), ("values", 2), ("max_ballot", 2)],
        );
    }
    if what.contains('r') {
        go::<concur_models::raft::configs::RaftRung>(
            &what,
            2,
            &[
                ("servers", 3),
                ("values", 1),
                ("max_term", 2),
                ("max_log", 1),
                ("max_msgs", 1),
            ],
        );
    }
    if what.contains('t') {
        go::<concur_models::two_phase::configs::TwoPhaseRung>(&what, 3, &[("rms", 8)]);
    }
}

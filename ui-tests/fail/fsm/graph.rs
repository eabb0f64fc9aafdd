//! Machines that do not hang together.

use peak::prelude::*;

mod unknown {
    use super::*;

    #[derive(Default)]
    struct One;
    #[derive(Default)]
    struct Two;

    #[agent]
    struct Unknown;

    #[agent]
    impl Unknown {
        #[behaviour(fsm(One), initial, next(Tow, Five))]
        async fn one(&mut self) -> Next<One> {
            Next::to(Two)
        }

        #[behaviour(fsm(Two), end)]
        async fn two(&mut self) {}
    }
}

mod nowhere {
    use super::*;

    #[derive(Default)]
    struct One;
    #[derive(Default)]
    struct Two;

    #[agent]
    struct Nowhere;

    #[agent]
    impl Nowhere {
        #[behaviour(fsm(One), next(Two))]
        async fn one(&mut self) -> Next<One> {
            Next::to(Two)
        }

        #[behaviour(fsm(Two), end)]
        async fn two(&mut self) {}
    }
}

mod twice {
    use super::*;

    #[derive(Default)]
    struct One;
    #[derive(Default)]
    struct Two;

    #[agent]
    struct Twice;

    #[agent]
    impl Twice {
        #[behaviour(fsm(One), initial, next(Two))]
        async fn one(&mut self) -> Next<One> {
            Next::to(Two)
        }

        #[behaviour(fsm(Two), initial, end)]
        async fn two(&mut self) {}
    }
}

mod unreached {
    use super::*;

    #[derive(Default)]
    struct One;
    #[derive(Default)]
    struct Two;
    struct Three;

    #[agent]
    struct Unreached;

    #[agent]
    impl Unreached {
        #[behaviour(fsm(One), initial, next(Two))]
        async fn one(&mut self) -> Next<One> {
            Next::to(Two)
        }

        #[behaviour(fsm(Two), end)]
        async fn two(&mut self) {}

        #[behaviour(fsm(Three), next(Two))]
        async fn three(&mut self) -> Next<Three> {
            Next::to(Two)
        }
    }
}

mod endless {
    use super::*;

    #[derive(Default)]
    struct One;
    #[derive(Default)]
    struct Two;
    struct Three;
    struct Four;

    #[agent]
    struct Endless;

    #[agent]
    impl Endless {
        #[behaviour(fsm(One), initial, next(Two, Three))]
        async fn one(&mut self) -> Next<One> {
            Next::to(Two)
        }

        #[behaviour(fsm(Two), end)]
        async fn two(&mut self) {}

        #[behaviour(fsm(Three), next(Four))]
        async fn three(&mut self) -> Next<Three> {
            Next::to(Four)
        }

        #[behaviour(fsm(Four), on(performative = "inform"), next(Three))]
        async fn four(&mut self) -> Next<Four> {
            Next::to(Three)
        }
    }
}

fn main() {}

//! Half-typed items: whatever is wrong, the tokens that the user wrote come out again.

use super::{agent, behaviour, errors, on_message, tokens};

/// Asserts that each of these appears in the output.
fn keeps(output: &proc_macro2::TokenStream, parts: &[&str]) {
    let output = output.to_string();
    for part in parts {
        let part = tokens(part).to_string();
        assert!(output.contains(&part), "`{part}` was lost:\n{output}");
    }
}

#[test]
fn a_half_typed_body_is_not_looked_at() {
    let output = agent(
        "",
        "impl Lamp { #[behaviour(cyclic)] async fn tick(&mut self) { self.level. ; let = } fn other(&self) {} }",
    );
    assert!(errors(output.clone()).is_empty());
    keeps(
        &output,
        &[
            "async fn tick(&mut self) { self.level. ; let = }",
            "fn other(&self) {}",
            "Self::tick",
        ],
    );
}

#[test]
fn a_half_typed_signature_costs_that_handler_only() {
    let output = agent(
        "",
        r#"impl Lamp {
            #[behaviour(cyclic)] async fn tick(&mut self, ctx: ) {}
            #[on_message(performative = "inform")] async fn hear(&mut self) {}
            const LIMIT: u8 = { 5 };
            something_half
        }"#,
    );
    assert_eq!(errors(output.clone()).len(), 1);
    keeps(
        &output,
        &[
            "async fn tick(&mut self, ctx: ) {}",
            "const LIMIT: u8 = { 5 };",
            "something_half",
            "Self::hear",
        ],
    );
    assert!(
        !output.to_string().contains("behaviour"),
        "the marker would complain about its place as well"
    );
}

#[test]
fn a_half_typed_attribute_costs_that_handler_only() {
    for args in [
        "periodic =",
        "periodic = \"5s\", del",
        "per",
        "periodic = \"5s\" delay",
        "=",
        ", ,",
    ] {
        let output = agent(
            "",
            &format!(
                "impl Lamp {{ #[behaviour({args})] async fn tick(&mut self) {{}} #[on_stop] async fn stop(&self) {{}} }}"
            ),
        );
        assert!(!errors(output.clone()).is_empty(), "`{args}` is wrong");
        keeps(&output, &["async fn tick(&mut self) {}", "Self::stop"]);
        assert!(
            !output.to_string().contains("Self :: tick"),
            "`{args}` is wrong, and yet registered"
        );
    }
}

#[test]
fn every_item_of_an_impl_is_kept() {
    let body = r#"
        #![allow(unused)]
        pub const A: [u8; 2] = [1, 2];
        pub(crate) type B = u8;
        macro_call! { anything at all }
        macro_call!(again);
        unsafe extern "C" fn c() {}
        const fn d() -> u8 { 1 }
        pub fn e<T>() where T: Copy {}
        #[inline] fn f() {}
    "#;
    let output = agent("", &format!("impl Lamp {{ {body} }}"));
    assert!(errors(output.clone()).is_empty());
    keeps(&output, &[body]);
}

#[test]
fn items_that_are_no_agents_come_back_without_our_attributes() {
    for item in [
        "enum Lamp { On }",
        "trait Lamp { fn on(&self); }",
        "fn lamp() {}",
        "mod lamp {}",
        "",
    ] {
        let output = agent("", item);
        assert_eq!(errors(output.clone()).len(), 1, "{item}");
        keeps(&output, &[item]);
    }
    let output = agent("", "struct Lamp { #[param(default = )] level: , }");
    keeps(&output, &["struct Lamp { level: , }"]);
}

#[test]
fn a_function_with_a_mistake_is_still_a_constructor() {
    let output = behaviour(
        "periodic = \"never\"",
        "pub async fn tick<A: Agent>(ctx: Context<A>) { half. }",
    );
    assert_eq!(errors(output.clone()).len(), 1);
    keeps(
        &output,
        &[
            "pub fn tick<A: Agent>() -> ::peak::Behaviour<A>",
            "async fn tick<A: Agent>(ctx: Context<A>) { half. }",
        ],
    );
}

#[test]
fn what_stands_in_the_wrong_place_comes_back() {
    for item in [
        "struct Lamp;",
        "const A: u8 = 1;",
        "async fn tick(&mut self) {}",
        "async fn tick(ctx: Context<Self>) {}",
        "async fn hear(&self);",
        "impl Lamp {}",
        "static",
        "",
    ] {
        let output = on_message("performative = \"informs\"", item);
        assert_eq!(errors(output.clone()).len(), 1, "{item}");
        keeps(&output, &[item]);
    }
}

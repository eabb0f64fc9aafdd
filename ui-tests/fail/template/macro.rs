fn main() {
    let mut all: Vec<peak::Template> = Vec::new();
    all.push(peak::template!(performative = "informs"));
    all.push(peak::template!(sender = "a@b@c", odd-key = "x"));
    all.push(peak::template!(performative = "cfp", not(performative = "cfp")));
    all.push(peak::template!(ontology = 5 + 5));
}

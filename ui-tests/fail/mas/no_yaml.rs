use peak::mas;

fn main() {
    let _ = mas!("fail/mas/no_yaml.yaml");
    let _ = mas!("fail/mas/nowhere.yaml");
    let _ = mas!("fail/mas");
    let _ = mas!();
    let _ = mas!(mas.yaml);
    let _ = mas!("a.yaml", "b.yaml");
}

#[derive(Debug, PartialEq)]
pub struct Parcel {
    pub to: String,
    pub grams: u32,
}

#[derive(Default)]
pub struct Van {
    load: Vec<Parcel>,
    refused: Vec<Parcel>,
}

impl Van {
    pub fn load(&mut self, parcel: Parcel, limit: u32) -> bool {
        let fits = self.grams() + parcel.grams <= limit;
        if fits {
            self.load.push(parcel);
        } else {
            self.refused.push(parcel);
        }
        fits
    }

    pub fn grams(&self) -> u32 {
        self.load.iter().map(|parcel| parcel.grams).sum()
    }

    pub fn unload(&mut self, town: &str) -> Vec<Parcel> {
        let (here, further): (Vec<Parcel>, Vec<Parcel>) =
            std::mem::take(&mut self.load).into_iter().partition(|parcel| parcel.to == town);
        self.load = further;
        here
    }
}

pub fn label(parcel: &Parcel) -> String {
    format!("{} ({} g)", parcel.to, parcel.grams)
}

pub fn deliver(parcels: Vec<Parcel>, town: &str) -> Vec<String> {
    let count = parcels.len();
    let mut van = Van::default();
    for parcel in parcels {
        van.load(parcel, 1000);
    }
    let mut labels: Vec<String> = van.unload(town).iter().map(label).collect();
    labels.push(format!("{} of {}", labels.len(), count));
    labels
}

#[test]
fn delivers() {
    let parcels = vec![
        Parcel { to: "Ulm".to_string(), grams: 600 },
        Parcel { to: "Bonn".to_string(), grams: 300 },
        Parcel { to: "Ulm".to_string(), grams: 500 },
    ];
    assert_eq!(deliver(parcels, "Ulm"), ["Ulm (600 g)", "1 of 3"]);
}

extension Location {
    /// The great-circle distance to another place, in whole metres, on a sphere of the earth's mean radius.
    ///
    /// The earth is flattened, so what a surveyor measures differs by up to 0.6 %: less than a metre in a hundred. Only
    /// arithmetic that every processor does alike goes into it, so that a device and the server find the same number.
    public func distanceMetres(to other: Location) -> Int {
        let (north, otherNorth) = (Angle.radians(latitude), Angle.radians(other.latitude))
        let east = Angle.radians(Int64(longitude) - Int64(other.longitude))
        // The haversine formula: exact where places are near each other.
        let (northSine, eastSine) = (Angle.sine((north - otherNorth) / 2), Angle.sine(east / 2))
        let square = northSine * northSine + Angle.cosine(north) * Angle.cosine(otherNorth) * eastSine * eastSine
        return Int((Angle.arcSine(min(square, 1).squareRoot()) * Angle.earthRadius * 2).rounded())
    }
}

/// Trigonometry of additions, multiplications, divisions and square roots alone: those IEEE 754 rounds in one way only,
/// where the sines of two mathematical libraries may differ in the last digit.
private enum Angle {
    /// The mean radius of the earth in metres, as the International Union of Geodesy and Geophysics defines it.
    static let earthRadius = 6_371_008.8

    static func radians(_ units: some BinaryInteger) -> Double { Double(units) / 1e7 * .pi / 180 }

    /// For angles between −π and π.
    static func sine(_ angle: Double) -> Double {
        // Of a ninth part the series is short, and sin 3x = 3 sin x − 4 sin³ x leads back.
        let part = angle / 9
        let square = part * part
        var sine = 0.0
        for step in stride(from: 15.0, to: 1, by: -2) { sine = (sine + 1) * -square / (step * (step - 1)) }
        sine = (sine + 1) * part
        for _ in 0..<2 { sine = 3 * sine - 4 * sine * sine * sine }
        return sine
    }

    /// For angles between −π/2 and π/2.
    static func cosine(_ angle: Double) -> Double { sine(.pi / 2 - angle.magnitude) }

    /// For sines between 0 and 1.
    static func arcSine(_ sine: Double) -> Double {
        // tan of half the angle, three times over; then the series of the arc tangent is short.
        var tangent = sine / (1 + ((1 - sine) * (1 + sine)).squareRoot())
        for _ in 0..<2 { tangent /= 1 + (1 + tangent * tangent).squareRoot() }
        let square = tangent * tangent
        var arc = 0.0
        for step in stride(from: 19.0, through: 1, by: -2) { arc = 1 / step - square * arc }
        return 8 * tangent * arc
    }
}

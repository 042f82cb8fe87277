namespace KestrelTlsUpgrade.Soak.Report;

/// <summary>How fast a figure grows, by least squares, and the standard error of that.</summary>
internal sealed record Slope(double PerHour, double Error)
{
    public static Slope Fit(IReadOnlyList<(TimeSpan Time, double Value)> points)
    {
        if (points.Count < 3)
        {
            return new Slope(0, 0);
        }

        var (meanTime, meanValue) = (points.Average(static point => point.Time.TotalHours), points.Average(static point => point.Value));
        var spread = points.Sum(point => Math.Pow(point.Time.TotalHours - meanTime, 2));
        var slope = points.Sum(point => (point.Time.TotalHours - meanTime) * (point.Value - meanValue)) / spread;
        var rest = points.Sum(point => Math.Pow(point.Value - meanValue - (slope * (point.Time.TotalHours - meanTime)), 2));
        return new Slope(slope, Math.Sqrt(rest / (points.Count - 2) / spread));
    }
}

using System.Globalization;
using System.Text.Json.Serialization;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>How long and how hard to measure.</summary>
/// <param name="Rounds">How often each side of a comparison has its turn.</param>
/// <param name="Starts">How many times in that both servers are started anew: no two processes are compiled alike.</param>
/// <param name="Seconds">How long a turn takes.</param>
/// <param name="WarmUp">How many seconds each side has before the first turn that counts, after each start.</param>
/// <param name="Idle">How many idle connections memory is measured with.</param>
/// <param name="Only">A part of the names of what is compared.</param>
/// <param name="Connections">How many connections at a time, or none for what each comparison has of its own.</param>
/// <param name="JsonPath">Where to write the results as JSON.</param>
/// <param name="IsQuick">Whether it is only to be seen that all runs, and comes out within wide bounds.</param>
internal sealed record ComparisonSettings(
    int Rounds = 9,
    int Starts = 3,
    double Seconds = 1.5,
    double WarmUp = 8,
    int Idle = 5000,
    string Only = "",
    int[]? Connections = null,
    [property: JsonIgnore] string? JsonPath = null,
    bool IsQuick = false)
{
    private static readonly ComparisonSettings Quick =
        new(Rounds: 2, Starts: 1, Seconds: 0.2, WarmUp: 0.2, Idle: 200, Connections: [4], IsQuick: true);

    /// <exception cref="UsageException">There is no such option, or it has no such value.</exception>
    public static ComparisonSettings Parse(string[] options)
    {
        var settings = options.Contains("--quick") ? Quick : new ComparisonSettings();
        var rest = new Queue<string>(options.Where(static option => option != "--quick"));
        while (rest.TryDequeue(out var option))
        {
            var value = rest.TryDequeue(out var next) ? next : throw new UsageException($"{option} needs a value.");
            settings = option switch
            {
                "--rounds" => settings with { Rounds = ParseCount(value) },
                "--starts" => settings with { Starts = ParseCount(value) },
                "--seconds" => settings with { Seconds = ParseSeconds(value) },
                "--warm-up" => settings with { WarmUp = ParseSeconds(value) },
                "--idle" => settings with { Idle = ParseCount(value) },
                "--only" => settings with { Only = value },
                "--json" => settings with { JsonPath = value },
                "--connections" => settings with { Connections = [.. value.Split(',').Select(ParseCount)] },
                _ => throw new UsageException($"There is no option {option}."),
            };
        }

        return settings with { Starts = Math.Min(settings.Starts, settings.Rounds) };
    }

    /// <summary>Each takes long, and has little to do with what the machine does meanwhile.</summary>
    [JsonIgnore]
    public int MemoryRounds => IsQuick ? 1 : Rounds;

    public bool Includes(string name) => name.Contains(Only, StringComparison.OrdinalIgnoreCase);

    private static int ParseCount(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw new UsageException($"{text} is not a number of things.");

    private static double ParseSeconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? seconds
            : throw new UsageException($"{text} is not a number of seconds.");
}

using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>A queue that was added, what became of a job in it, and what somebody on the path has read.</summary>
/// <param name="Result">What became of the job.</param>
/// <param name="SeenAdding">What was read while <c>lpadmin</c> added the queue.</param>
/// <param name="SeenPrinting">What was read while <c>lp</c> printed.</param>
internal sealed record QueueRun(string Result, string SeenAdding, string SeenPrinting)
{
    private const string User = "mary";
    private const string Title = "Letter-of-resignation";

    /// <summary>Adds a queue and prints one document.</summary>
    /// <param name="cups">The print system and the printers.</param>
    /// <param name="name">The name of the queue.</param>
    /// <param name="queue">Its URI, with <c>…</c> in the place of the printer.</param>
    /// <param name="settings">The settings of the printer.</param>
    public static async Task<QueueRun> StartAsync(CupsFixture cups, string name, string queue, PrinterSettings settings)
    {
        var document = cups.WriteDocument(name);
        await using var relay = new RecordingRelay(cups.Find(settings));
        await cups.System.TryAddQueueAsync(name, cups.ToUri(queue, settings, relay.Port));
        var before = ClearText.Of(relay, document);
        var job = await cups.System.PrintAsync(name, document.Path, User, Title);
        var message = await cups.System.FinishedAsync(job);
        var isPrinted = message is null;
        Assert.Equal(isPrinted, cups.IsPrinted(document, settings));
        var seen = ClearText.Of(relay, document) - before;

        // Whoever knows what is printed knows whose it is.
        Assert.False(seen.Documents > 0 && (seen.Users == 0 || seen.Titles == 0));
        Assert.False(seen.Titles > 0 && seen.Documents == 0);
        Assert.Equal(0, before.Users);
        return new(
            message is not null ? $"waits: “{message}”" : seen.Documents > 0 ? "printed in clear text" : "printed over TLS",
            before.Describe(),
            seen.Describe());
    }

    /// <summary>How often each thing was read.</summary>
    private readonly record struct ClearText(int Requests, int Answers, int Upgrades, int Users, int Titles, int Documents)
    {
        public static ClearText Of(RecordingRelay relay, PrintedDocument document) => new(
            relay.CountRequested("POST /ipp/print"),
            relay.Count("printer-make-and-model"),
            relay.CountRequested("OPTIONS * "),
            relay.CountRequested(User),
            relay.CountRequested(Title),
            relay.CountRequested(document.Text));

        public static ClearText operator -(ClearText after, ClearText before) => new(
            after.Requests - before.Requests,
            after.Answers - before.Answers,
            after.Upgrades - before.Upgrades,
            after.Users - before.Users,
            after.Titles - before.Titles,
            after.Documents - before.Documents);

        public string Describe() => this switch
        {
            { Documents: > 0 } => "everything",
            { Users: > 0 } => "the user's name",
            { Answers: > 0 } => "what the printer can do",
            { Requests: > 0 } => "a question, without a name",
            { Upgrades: > 0 } => "`OPTIONS *`",
            _ => "nothing",
        };
    }
}

using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>A queue whose printer is behind a relay that reads along.</summary>
internal sealed class WatchedQueue : IAsyncDisposable
{
    private const string User = "mary";
    private const string Title = "Letter-of-resignation";

    private readonly CupsFixture _cups;
    private readonly string _name;
    private readonly PrinterSettings _settings;
    private readonly RecordingRelay _relay;

    private WatchedQueue(CupsFixture cups, string name, PrinterSettings settings) =>
        (_cups, _name, _settings, _relay) = (cups, name, settings, new(cups.Find(settings)));

    /// <summary>Adds the queue.</summary>
    /// <param name="cups">The print system and the printers.</param>
    /// <param name="name">The name of the queue.</param>
    /// <param name="queue">Its URI, with <c>…</c> in the place of the printer.</param>
    /// <param name="settings">The settings of the printer.</param>
    public static async Task<WatchedQueue> AddAsync(CupsFixture cups, string name, string queue, PrinterSettings settings)
    {
        var watched = new WatchedQueue(cups, name, settings);
        await cups.System.TryAddQueueAsync(name, cups.ToUri(queue, settings, watched._relay.Port));
        return watched;
    }

    /// <summary>Prints one document.</summary>
    /// <returns>What became of it, and what was read while the queue was added and while it printed, as cells of a table.</returns>
    public async Task<string> PrintAsync()
    {
        var document = _cups.WriteDocument(_name);
        var before = ClearText.Of(_relay, document);
        var message = await _cups.System.FinishedAsync(await _cups.System.PrintAsync(_name, document.Path, User, Title));
        Assert.Equal(message is null, _cups.IsPrinted(document, _settings));
        var seen = ClearText.Of(_relay, document) - before;
        if (message is not null)
        {
            await _cups.System.ClearAsync(_name);
        }

        // Whoever knows what is printed knows whose it is.
        Assert.False(seen.Documents > 0 && (seen.Users == 0 || seen.Titles == 0));
        Assert.False(seen.Titles > 0 && seen.Documents == 0);
        Assert.Equal(0, before.Users);
        var result = message is not null ? $"waits: “{message}”" : seen.Documents > 0 ? "printed in clear text" : "printed over TLS";
        return $"{result} | {before.Describe()} | {seen.Describe()}";
    }

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

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

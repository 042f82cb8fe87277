namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>
/// Collects the answers inside TLS until none follows. Every request that they can be to is a HEAD, so that every answer is just a head.
/// </summary>
internal sealed class AnswerLog(ProbeConnection connection, ProbeSession session)
{
    /// <summary>More answers than any server owes.</summary>
    private const int Many = 3;

    private readonly List<int> _statuses = [];

    // Reading is not cancelled when there is quiet: a cancelled read could lose what it has received.
    private Task<ResponseHead?>? _reading;

    /// <summary>The statuses of the final answers.</summary>
    public IReadOnlyList<int> Statuses => _statuses;

    /// <summary>Whether nothing more can be read, because the connection ended or what follows is not an answer.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Reads answers until there is quiet, or the end.</summary>
    /// <param name="patience">How long to wait for the first one.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    public async Task ReadAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        while (!HasEnded && _statuses.Count < Many)
        {
            _reading ??= connection.TryReadEncryptedHeadAsync(cancellationToken);
            if (!await IsReadWithinAsync(patience, cancellationToken))
            {
                return;
            }

            Take(await TryReadAsync(_reading, cancellationToken));
            _reading = null;
            patience = session.Quiet;
        }
    }

    private async Task<bool> IsReadWithinAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = Task.Delay(patience, session.Settings.TimeProvider, enough.Token);
        var isRead = await Task.WhenAny(_reading!, waiting) == _reading;
        await enough.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return isRead;
    }

    private static async Task<ResponseHead?> TryReadAsync(Task<ResponseHead?> reading, CancellationToken cancellationToken)
    {
        try
        {
            return await reading;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && FailureText.TryDescribe(exception) is not null)
        {
            return null;
        }
    }

    private void Take(ResponseHead? head)
    {
        if (head is null)
        {
            HasEnded = true;
        }
        else if (!head.IsInterim)
        {
            _statuses.Add(head.Status);
        }
    }
}

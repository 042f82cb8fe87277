namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>A request and an offer that made the server upgrade.</summary>
/// <param name="Request">The request.</param>
/// <param name="Tokens">The members of its Upgrade field.</param>
/// <param name="Before">The request before it on the connection, if it was not the first.</param>
internal sealed record UpgradeOffer(ProbeRequest Request, string Tokens, ProbeRequest? Before = null)
{
    /// <summary>What a client that knows the upgrade offers in ALPN.</summary>
    public IReadOnlyList<string> AwareProtocols(ProbeTarget target) => Request.AwareProtocols(target, Tokens);

    public override string ToString() => Before is null ? $"{Request}" : $"{Request} as a later request";

    /// <summary>Sends the offer, with plaintext right behind it if there is any, and reads the head of the answer.</summary>
    public async Task<ResponseHead> SendAsync(ProbeConnection connection, CancellationToken cancellationToken, byte[]? behind = null)
    {
        if (Before is not null)
        {
            await AskBeforeAsync(connection, Before, cancellationToken);
        }

        return await connection.OfferAsync(Request, Tokens, cancellationToken, behind);
    }

    /// <summary>As <see cref="SendAsync"/>, for a server that is known to upgrade.</summary>
    /// <exception cref="ProbeException">The answer was not a 101.</exception>
    public async Task MakeAsync(ProbeConnection connection, CancellationToken cancellationToken, byte[]? behind = null)
    {
        var head = await SendAsync(connection, cancellationToken, behind);
        if (head.Status != 101)
        {
            throw new ProbeException($"this time the server answered {this} with {head.Status}");
        }
    }

    private static async Task AskBeforeAsync(ProbeConnection connection, ProbeRequest request, CancellationToken cancellationToken)
    {
        var head = await connection.AskAsync(request, cancellationToken);
        if (head.ConnectionHasClose)
        {
            throw new ProbeException($"the server closes the connection after the first answer ({request}: {head.Status})");
        }

        if (request.Method != "HEAD" && !head.HasNoContent)
        {
            throw new ProbeException($"the first answer has content ({request}: {head.Status})");
        }
    }
}

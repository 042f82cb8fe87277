namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>A request and an offer that made the server upgrade.</summary>
internal sealed record UpgradeOffer(ProbeRequest Request, string Tokens)
{
    /// <summary>What a client that knows the upgrade offers in ALPN.</summary>
    public IReadOnlyList<string> AwareProtocols(ProbeTarget target) => Request.AwareProtocols(target, Tokens);

    /// <summary>Sends the offer, with plaintext right behind it if there is any, and waits for the 101.</summary>
    /// <exception cref="ProbeException">The answer was not a 101.</exception>
    public async Task MakeAsync(ProbeConnection connection, CancellationToken cancellationToken, byte[]? behind = null)
    {
        var head = await connection.OfferAsync(Request, Tokens, cancellationToken, behind);
        if (head.Status != 101)
        {
            throw new ProbeException($"this time the server answered {Request} with {head.Status}");
        }
    }
}

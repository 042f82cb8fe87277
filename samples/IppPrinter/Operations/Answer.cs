using IppPrinter.Ipp;

namespace IppPrinter.Operations;

/// <summary>Begins an answer.</summary>
internal static class Answer
{
    private const int MaxTextLength = 255;

    /// <param name="request">The request, as much of it as could be read.</param>
    /// <param name="status">How it is answered.</param>
    /// <param name="message">Says why.</param>
    /// <param name="unsupported">What was ignored, or is to blame.</param>
    public static IppMessage To(
        IppMessage? request, IppStatus status = IppStatus.Ok, string? message = null, IReadOnlyList<IppAttribute>? unsupported = null)
    {
        // In its own version, if that is one (RFC 8011 section 4.1.8).
        var version = request is { Version: var asked } && asked >> 8 is 1 or 2 ? asked : IppMessage.Version20;
        var answer = new IppMessage(version, (short)status, request?.RequestId ?? 0);
        var attributes = new IppGroup(IppTag.OperationAttributes)
            .Add("attributes-charset", IppValue.Charset("utf-8"))
            .Add("attributes-natural-language", IppValue.NaturalLanguage("en"));
        if (message is not null)
        {
            attributes.Add("status-message", IppValue.Text(message.Length > MaxTextLength ? message[..MaxTextLength] : message));
        }

        answer.Groups.Add(attributes);
        if (unsupported is { Count: > 0 })
        {
            answer.Groups.Add(new IppGroup(IppTag.UnsupportedAttributes).Add(unsupported));
        }

        return answer;
    }
}

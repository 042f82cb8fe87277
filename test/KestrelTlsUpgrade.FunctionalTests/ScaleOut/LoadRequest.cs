namespace KestrelTlsUpgrade.FunctionalTests.ScaleOut;

/// <summary>A request of the load that has ended.</summary>
/// <param name="Worker">Whose it was.</param>
/// <param name="Begun">The moment at which it, or the connection that the worker had opened for it, began.</param>
/// <param name="Instance">Who answered it.</param>
/// <param name="Failure">Why it was not answered.</param>
internal sealed record LoadRequest(int Worker, long Begun, string? Instance, Exception? Failure = null);

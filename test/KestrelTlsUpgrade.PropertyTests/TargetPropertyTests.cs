using CsCheck;
using KestrelTlsUpgrade.Fuzzing;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>The rules of every target, for messages made of what the readers know of HTTP, which are nearly right more often than not.</summary>
public sealed class TargetPropertyTests
{
    private const int Count = 3000;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Run_NearlyRightMessage_KeepsTheRules(string target)
    {
        var run = FuzzTargets.All[target];
        Gen.Select(Messages.Choices, Messages.NearlyRight, Messages.ToInput).Sample(run, iter: Count);
    }
}

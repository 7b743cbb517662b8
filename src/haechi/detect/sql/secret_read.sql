-- Calls that ask a cloud for secrets: passwords, parameters, start-up data, values of its secret stores. Refused ones too:
-- who tries a hundred doors is heard at the first.
--   thing: which secret, as far as the record tells; a call that tells none is a thing of its own
--   secrets: how many the call asks for; NULL where it asks for all that fit a filter
CREATE OR REPLACE TEMP TABLE secret_read AS
SELECT
    source, seq, time, actor,
    coalesce(path, source || seq) AS thing,
    CASE
        WHEN contains(path, 'names=[') OR contains(path, 'secretIdList=[') THEN
            len(regexp_extract_all(regexp_extract(path, '(names|secretIdList)=(\[[^\]]*\])', 2), '"[^"]+"'))
        WHEN method IN ('BatchGetSecretValue', 'GetParametersByPath') THEN NULL
        ELSE 1
    END AS secrets
FROM access
WHERE time IS NOT NULL AND actor IS NOT NULL
    AND (
        method IN (
            'GetSecretValue', 'BatchGetSecretValue', 'GetParameter', 'GetParameters', 'GetParametersByPath',
            'GetParameterHistory', 'GetPasswordData', 'SecretGet'
        )
        OR (method = 'DescribeInstanceAttribute' AND contains(path, 'attribute=userData'))
        OR ends_with(method, '.AccessSecretVersion')
    );
